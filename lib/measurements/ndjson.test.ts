import { expect, it } from 'vitest';
import { scanLines } from './ndjson.ts';

const scanned = (...lines: string[]) => {
  const scan = scanLines(501);
  return { fault: scan.add(Buffer.from(lines.join('\n')), 1), ...scan.found() };
};

it('keys come in the order of first appearance, a late one too', () => {
  const rows = Array.from({ length: 50 }, (_, i) => JSON.stringify({ b: i, a: `x${i}` }));
  expect(scanned(...rows, '{"b":1,"a":null,"late":2}', '{"a": 1.5e-3 , "b" : true}').keys).toEqual(['b', 'a', 'late']);
});

it('the keys that hold true or false are told, however late and in whatever form of a line', () => {
  const rows = [
    '{"a":1,"b":null,"c":"true","d":0}',
    '{"a":2,"b":true,"c":"x","d":1}',
    '{"a":3, "b": false ,"c":"","d":0}',
  ];
  expect(scanned(...rows).booleans).toEqual(new Set(['b']));
  expect(scanned(...rows, '{"a":4,"b":true,"c":"","d": true}', ...rows).booleans).toEqual(new Set(['b', 'd']));
});

it('strings may hold what else would end a row', () => {
  const row = (text: string) => JSON.stringify({ 'k"ü,{': text, b: 1 });
  const { fault, keys } = scanned(...['plain', '"},{"c":1', '\\', '{"d":[', 'ü\n\t'].map(row));
  expect(fault).toBeNull();
  expect(keys).toEqual(['k"ü,{', 'b']);
});

it('a row that only looks like the one before it is parsed', () => {
  expect(scanned('{"a":1,"b":2}', '{"a":1,"b":{"c":3}}', '{"a":1,"b":2,"d":3}').keys).toEqual(['a', 'b', 'd']);
});

it('empty lines and carriage returns are no rows', () => {
  expect(scanned('{"a":1}\r', '', '  ', '{"a":2}\r', '')).toMatchObject({ fault: null, keys: ['a'] });
});

it.each(['{"a":NaN', '[1]', '7', '{"a":1,}', 'null', '{"a":1}{"a":2}'])('of %s nothing is said', (line) => {
  expect(scanned(line, '{"b":1}').keys).toBeUndefined();
});

it('deep nesting is refused with its line, and brackets in a string are not', () => {
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  expect(scanned('{"a":1}', deep(63)).fault).toBeNull();
  expect(scanned('{"a":1}', `{"a":"${'['.repeat(500)}"}`).fault).toBeNull();
  expect(scanned('{"a":1}', '{"a":2}', deep(64)).fault).toMatchObject({ code: 'nested_too_deep', line: 3 });
});

it('a great many keys are cut', () => {
  const wide = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`c${i}`, i]));
  expect(scanned(JSON.stringify(wide), '{"z":1}').keys).toHaveLength(501);
});

it('a line that all but fits is given up at once, however much space and however many quotes it holds', () => {
  const space = ' '.repeat(50_000);
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const row = (value: string, end: string) =>
    `{${keys.map((key) => `"${key}":${space}${value}${space}`).join(',')}${end}`;
  expect(scanned('{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', row('1', ',"g":1}')).keys).toEqual([...keys, 'g']);
  const quotes = JSON.stringify('"'.repeat(50_000));
  expect(scanned('{"a":"","b":"","c":"","d":"","e":"","f":""}', row(quotes, ',"g":1}')).keys).toEqual([...keys, 'g']);
});
