/** What a document is in plain text and JSONL, and how bad records are reported. */
import test from 'ava';
import { DataRecordError } from '../../node/data/errors.ts';
import { readRecords } from '../../node/data/records.ts';

const plain = (bytes: Uint8Array | string) => readRecords(Buffer.from(bytes), 'plain', 'a.txt');
const jsonl = (text: string) => readRecords(Buffer.from(text), 'jsonl', 'a.jsonl');

test('a document is a non-empty line, with or without a line end at the last', (t) => {
  t.deepEqual(plain('one\n\ntwo\n \t\nthree'), { documents: ['one', 'two', 'three'], empty: 2 });
  t.deepEqual(plain('one\ntwo\n'), { documents: ['one', 'two'], empty: 0 });
  t.deepEqual(plain(''), { documents: [], empty: 0 });
});

test('carriage returns at line ends and a byte-order mark belong to no document', (t) => {
  t.deepEqual(plain('\uFEFFone\r\ntwo\r\n').documents, ['one', 'two']);
  t.deepEqual(jsonl('\uFEFF{"text":"one"}\r\n{"text":"two"}\r\n').documents, ['one', 'two']);
  t.deepEqual(plain('o\rne\n\uFEFFtwo').documents, ['o\rne', '\uFEFFtwo']);
});

test('white space within a line is kept', (t) => {
  t.deepEqual(plain('  one two \n').documents, ['  one two ']);
});

test('invalid UTF-8 is reported with its line', (t) => {
  for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
    const bytes = Buffer.concat([Buffer.from('habari\nmünchen\r\n\nx'), Buffer.from(bad)]);
    const error = t.throws(() => plain(bytes), { instanceOf: DataRecordError });
    t.is(error.line, 4);
    t.is(error.exitCode, 2);
    t.regex(error.message, /^a\.txt:4: not valid UTF-8/);
  }
});

test('a record of JSONL holds its text under any other keys, line feeds included', (t) => {
  const { documents, empty } = jsonl('{"id":7,"text":"one\\ntwo"}\n\n{"text":" "}\n{"text":"é"}');
  t.deepEqual(documents, ['one\ntwo', 'é']);
  t.is(empty, 1);
});

test('a bad record of JSONL is reported with its line and what is wrong', (t) => {
  const message = (line: string) =>
    t.throws(() => jsonl(`{"text":"fine"}\n\n${line}\n`), { instanceOf: DataRecordError }).message;
  t.regex(message('{"text":'), /^a\.jsonl:3: not JSON \(.+\)/);
  t.regex(message('{"text":7}'), /:3: text is a number, expected a string/);
  t.regex(message('{"text":null}'), /:3: text is null, expected a string/);
  t.regex(message('{"messages":[],"id":1}'), /:3: no text, only the keys: messages, id/);
  t.regex(message('["text"]'), /:3: a list, expected/);
  t.regex(message('"text"'), /:3: a string, expected/);
  t.regex(message('{"text":"\\ud800"}'), /:3: text holds half of a surrogate pair/);
});
