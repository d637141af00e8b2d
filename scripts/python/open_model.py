"""Opens a model folder as any user of Transformers would, and tells what it makes of it.

    python scripts/python/open_model.py FOLDER INPUT OUTPUT

INPUT is JSON: {"tokens": [[...], ...], "texts": {"name": "...", ...}}. OUTPUT gets JSON: versions, the
logits of the tokens, flattened, the ids of each text without and with special tokens, and each
text decoded again.
"""

import json
import pathlib
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer


def main():
    folder, source, target = map(pathlib.Path, sys.argv[1:])
    asked = json.loads(source.read_text())
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        logits = model(torch.tensor(asked["tokens"])).logits
    ids = {
        name: tokenizer.encode(text, add_special_tokens=False)
        for name, text in asked["texts"].items()
    }
    answer = {
        "transformers": transformers.__version__,
        "dtype": str(model.dtype),
        "tied": model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr(),
        "logits": logits.flatten().tolist(),
        "ids": ids,
        "marked": {name: tokenizer.encode(text) for name, text in asked["texts"].items()},
        "decoded": {name: tokenizer.decode(numbers) for name, numbers in ids.items()},
        "special": [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id],
    }
    target.write_text(json.dumps(answer))


main()
