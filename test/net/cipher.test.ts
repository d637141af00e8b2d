/** Our cipher for bulk against noise's own: each opens what the other closed, and nothing else. */
import { defaultCrypto, pureJsCrypto } from '@chainsafe/libp2p-noise/crypto';
import test from 'ava';
import { bulkCrypto } from '../../node/net/cipher.ts';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const nonce = Uint8Array.from({ length: 12 }, (_, i) => 100 + i);
const none = new Uint8Array(0);
const bytesOf = (data: { subarray(): Uint8Array }) => new Uint8Array(data.subarray());

for (const length of [0, 1, 1183, 1199, 1200, 1216, 65519]) {
  test(`${length} bytes are the same as noise's own, both ways`, (t) => {
    const plain = Uint8Array.from({ length }, (_, i) => i * 7);
    const closed = bytesOf(bulkCrypto.chaCha20Poly1305Encrypt(plain, nonce, none, key));
    t.deepEqual(closed, bytesOf(pureJsCrypto.chaCha20Poly1305Encrypt(plain, nonce, none, key)));
    const opened = bytesOf(bulkCrypto.chaCha20Poly1305Decrypt(closed.slice(), nonce, none, key));
    t.deepEqual(opened, plain);
  });
}

test('a changed byte, another key and another nonce are refused', (t) => {
  const closed = bytesOf(
    defaultCrypto.chaCha20Poly1305Encrypt(new Uint8Array(4000), nonce, none, key),
  );
  const open = (bytes: Uint8Array, n: Uint8Array, k: Uint8Array) =>
    bulkCrypto.chaCha20Poly1305Decrypt(bytes, n, none, k);
  const changed = closed.slice();
  changed[3990]! ^= 1;
  t.throws(() => open(changed, nonce, key));
  t.throws(() =>
    open(
      closed.slice(),
      nonce,
      key.map((byte) => byte ^ 1),
    ),
  );
  t.throws(() =>
    open(
      closed.slice(),
      nonce.map((byte) => byte ^ 1),
      key,
    ),
  );
  t.is(open(closed.slice(), nonce, key).byteLength, 4000);
});
