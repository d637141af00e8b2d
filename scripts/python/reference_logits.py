"""Fills a folder of tiny random Llama models, and what Transformers computes with them.

    node scripts/make-reference-logits.ts

calls this with the folder that is to be filled. Each model is saved by Transformers itself.
Beside it, reference.safetensors holds (all f32): tokens [B, S], targets [B, S] (-1: not scored),
logits [B, S, V], losses [B, S] and, for one model, gradient.NAME of the sum of the losses.
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY = 260
BATCH = 2
LENGTH = 9

# name: (configuration, dtype of the file, largest shard, whether gradients are saved)
MODELS = {
    "tied": (dict(tie_word_embeddings=True), torch.float32, "1GB", True),
    "untied-bf16": (
        dict(tie_word_embeddings=False, head_dim=6, num_key_value_heads=1),
        torch.bfloat16,
        "1GB",
        False,
    ),
    "sharded": (
        dict(
            tie_word_embeddings=False,
            num_key_value_heads=4,
            rope_parameters=dict(rope_type="default", rope_theta=500.0),
            rms_norm_eps=1e-5,
        ),
        torch.float32,
        "16KB",
        False,
    ),
}


def configuration(changes):
    base = dict(
        vocab_size=VOCABULARY,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        # Large, so that attention is far from uniform and a mistake in it shows.
        initializer_range=0.3,
        bos_token_id=256,
        eos_token_id=257,
        pad_token_id=258,
    )
    return LlamaConfig(**{**base, **changes})


def save_model(folder, seed, changes, dtype, shard):
    torch.manual_seed(seed)
    model = LlamaForCausalLM(configuration(changes))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight"):
                parameter.uniform_(0.5, 1.5)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)


def reference(folder, seed, with_gradients):
    model = LlamaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(VOCABULARY, (BATCH, LENGTH), generator=generator)
    targets = torch.randint(VOCABULARY, (BATCH, LENGTH), generator=generator)
    targets[0, 3] = -1
    targets[1, 5:] = -1
    logits = model(tokens).logits
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="none"
    ).reshape(targets.shape)
    tensors = dict(tokens=tokens, targets=targets, logits=logits.detach(), losses=losses.detach())
    if with_gradients:
        losses.sum().backward()
        for name, parameter in model.named_parameters():
            tensors[f"gradient.{name}"] = parameter.grad
    floats = {name: tensor.to(torch.float32).contiguous() for name, tensor in tensors.items()}
    save_file(floats, folder / "reference.safetensors")


def main():
    target = pathlib.Path(sys.argv[1])
    for seed, (name, (changes, dtype, shard, with_gradients)) in enumerate(MODELS.items()):
        folder = target / name
        folder.mkdir(parents=True, exist_ok=True)
        save_model(folder, seed, changes, dtype, shard)
        reference(folder, seed, with_gradients)


main()
