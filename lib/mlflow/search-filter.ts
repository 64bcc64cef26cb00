import { joined, type Piece, piece } from '../../db/sql-pieces.ts';
import { PROMPT_TAG } from '../models/rules/registry-events.ts';
import { invalid } from './wire.ts';

export type Condition = {
  type: 'attribute' | 'tag';
  key: string;
  comparator: Comparator;
  value: string | number | string[];
};

type Comparator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN';
type Attribute = { column: string; kind: 'text' | 'number'; list?: boolean };
type Sort = { column: string; field: string };

/** What can be searched and sorted in one of the two lists, and where its tags are. */
export type Searchable = {
  attributes: Readonly<Record<string, Attribute>>;
  sorts: Readonly<Record<string, Sort>>;
  /** A query for one tag row of the outer row, up to its `where`; the tag is called `t`. */
  tags: string;
  /** What is true of a row that is no prompt. */
  noPrompt: string;
  /** What the refusal of an unknown sort calls it. */
  sortKey: string;
};

const IDENTIFIER = /(?:[A-Za-z_]\w*\.)?(?:`[^`]*`|"[^"]*"|[^\s=!<>'"`(),;]+)/y;
/** With those of SQL that are understood only to be named in the refusal. */
const COMPARATOR = /!=|<>|==|>=|<=|=|>|<|(?:I?LIKE|IN|NOT\s+IN)(?=[\s'"(]|$)/iy;
/** What could stand for a value but is a word of the language. */
const BOOLEAN = /(?:TRUE|FALSE)(?!\w)/iy;
/** Up to its end; a doubled quote is two strings side by side here, so that there is one way only to read it. */
const LIST = /\((?:'[^']*'|"[^"]*"|[^'"()])*\)/y;
const QUOTED = /'(?:''|[^'])*'|"(?:""|[^"])*"/y;
const NUMBER = /-?\d+(?:\.\d+)?(?![\w.])/y;
const AND = /AND(?=\s)/iy;
const SPACE = /\s*/y;
const COMMA = /,/y;

const TEXT_COMPARATORS: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
const LIST_COMPARATORS: readonly Comparator[] = ['IN', 'NOT IN'];
const NUMBER_COMPARATORS: readonly Comparator[] = ['=', '!=', '>', '>=', '<', '<='];

/** Reads `cond (AND cond)*`; whatever else it finds is refused with the place where it stopped understanding. */
export function parseFilter(text: string, searchable: Searchable): Condition[] {
  const reader = new Reader(text);
  const conditions: Condition[] = [];
  if (reader.done()) return conditions;
  do conditions.push(condition(reader, searchable));
  while (reader.take(AND) !== undefined);
  if (!reader.done()) throw reader.refuse();
  return conditions;
}

function condition(reader: Reader, searchable: Searchable): Condition {
  const start = reader.at;
  const identifier = reader.take(IDENTIFIER);
  const comparator = reader.take(COMPARATOR)?.toUpperCase().replace(/\s+/, ' ') as Comparator | undefined;
  const isWhole = identifier !== undefined && comparator !== undefined && !reader.done() && !reader.sees(BOOLEAN);
  if (!isWhole) throw reader.refuse(start);
  const { type, key } = subject(identifier, searchable);
  const attribute = type === 'attribute' ? searchable.attributes[key]! : { kind: 'text' as const };
  const allowed = attribute.kind === 'number' ? NUMBER_COMPARATORS : TEXT_COMPARATORS;
  const listed = 'list' in attribute && attribute.list && LIST_COMPARATORS.includes(comparator);
  if (!allowed.includes(comparator) && !listed) throw invalid(`Invalid comparator for ${type}: ${comparator}`);
  if (listed) return { type, key, comparator, value: list(reader) };
  if (attribute.kind === 'number') return { type, key, comparator, value: number(reader, key) };
  return { type, key, comparator, value: quoted(reader) };
}

function subject(identifier: string, searchable: Searchable): { type: Condition['type']; key: string } {
  const bare = /^[`"]/.test(identifier);
  const dot = bare ? -1 : identifier.indexOf('.');
  const entity = dot < 0 ? 'attribute' : identifier.slice(0, dot);
  const key = identifier.slice(dot + 1).replace(/^([`"])(.*)\1$/s, '$2');
  if (entity === 'tag' || entity === 'tags') return { type: 'tag', key };
  if (entity !== 'attribute')
    throw invalid(`Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`);
  if (Object.hasOwn(searchable.attributes, key)) return { type: 'attribute', key };
  throw invalid(
    `Invalid attribute key '${key}' specified. Valid keys are ${Object.keys(searchable.attributes).join(', ')}`,
  );
}

function quoted(reader: Reader): string {
  const value = reader.take(QUOTED);
  if (value !== undefined) return value.slice(1, -1);
  throw invalid(
    `Parameter value is either not quoted or unidentified quote types used for string value ${reader.rest()}`,
  );
}

/** As Python writes a tuple: the comma after its one value, or its last, is allowed. */
function list(reader: Reader): string[] {
  const text = reader.take(LIST);
  if (text === undefined) throw reader.refuse();
  const inside = new Reader(text.slice(1, -1));
  const values: string[] = [];
  const refuse = (what: string) => invalid(`While parsing a list in the query, expected ${what}`);
  if (inside.done()) throw refuse('a non-empty list of string values, but got empty list');
  do {
    if (inside.sees(NUMBER))
      throw refuse(`string value, punctuation, or whitespace, but got different type in list: ${text.slice(0, 200)}`);
    const value = inside.take(QUOTED);
    if (value === undefined) throw refuse('a non-empty list of string values, but got ill-formed list.');
    values.push(value.slice(1, -1));
  } while (inside.take(COMMA) !== undefined && !inside.done());
  if (!inside.done()) throw refuse('a non-empty list of string values, but got ill-formed list.');
  return values;
}

/** Kept within what the column can hold: a number beyond it compares the same as its end. */
function number(reader: Reader, key: string): number {
  const text = reader.take(NUMBER) ?? reader.take(QUOTED)?.slice(1, -1);
  if (text === undefined || !/^-?\d+$/.test(text))
    throw invalid(`Invalid value for numeric attribute '${key}': ${text ?? reader.rest()}`);
  return Math.max(-1, Math.min(2_147_483_647, Number(text)));
}

/**
 * So many tag keys are looked up in their index and joined. Planning time grows faster than their number (10 s at 1,000),
 * so the further ones are counted: a row has each key once, and must have as many of them as are asked for.
 */
const JOINED_TAGS = 4;

/** Prompts are found only where they are asked for. */
const asksForPrompts = (conditions: Condition[]): boolean =>
  conditions.some(
    ({ type, key, comparator, value }) =>
      type === 'tag' && key === PROMPT_TAG && /^(=true|!=false)$/i.test(`${comparator}${value}`),
  );

/** What is asked for of what is no prompt, where that is one thing. */
export function onlyCondition(conditions: Condition[]): Condition | undefined {
  const [only, more] = conditions.filter(({ type, key }) => type !== 'tag' || key !== PROMPT_TAG);
  return more || asksForPrompts(conditions) ? undefined : only;
}

/** The filter as SQL, the prompt rule included. */
export function filterSql(conditions: Condition[], searchable: Searchable): Piece {
  const asksPrompts = asksForPrompts(conditions);
  const parts = conditions.flatMap(({ type, key, comparator, value }) =>
    type === 'attribute' ? [compare(searchable.attributes[key]!.column, comparator, value)] : [],
  );
  const tags = Map.groupBy(
    conditions.filter(({ type, key }) => type === 'tag' && (asksPrompts || key !== PROMPT_TAG)),
    ({ key }) => key,
  );
  const conditionsOf = (key: string, wanted: Condition[]): Piece => {
    const values = wanted.map(({ comparator, value }) => compare('t.value', comparator, value));
    // The index holds the first 200 characters of a value: asked for first, it finds the few rows worth comparing.
    const exact = wanted.filter(({ comparator }) => comparator === '=');
    const indexed = exact.map(({ value }) => piece('left(t.value, 200) = left(?::text, 200)', String(value)));
    return joined([piece('t.key = ?', key), ...indexed, ...values], ' and ');
  };
  const keys = [...tags];
  const { tags: tagRow } = searchable;
  for (const [key, wanted] of keys.slice(0, JOINED_TAGS)) {
    const { text, values } = conditionsOf(key, wanted);
    parts.push(piece(`exists (${tagRow} and ${text})`, ...values));
  }
  const counted = keys.slice(JOINED_TAGS);
  if (counted.length > 0) {
    const any = joined(
      counted.map(([key, wanted]) => conditionsOf(key, wanted)),
      ') or (',
    );
    parts.push(piece(`(select count(*) from (${tagRow} and ((${any.text}))) held) = ${counted.length}`, ...any.values));
  }
  if (!asksPrompts) parts.push(piece(searchable.noPrompt));
  return parts.length > 0 ? joined(parts, ' and ') : piece('true');
}

/** A column against what it is compared with. */
export function compare(column: string, comparator: Comparator, value: Condition['value']): Piece {
  if (Array.isArray(value))
    return piece(`${column} ${comparator.toLowerCase()} (${value.map(() => '?').join(', ')})`, ...value);
  // Without an escape character a backslash is a backslash, and a pattern that ends in one is no error.
  if (comparator === 'LIKE' || comparator === 'ILIKE') return piece(`${column} ${comparator} ? escape ''`, value);
  return piece(`${column} ${comparator} ?`, value);
}

/** `order_by` as SQL, ended by the columns that make the order total. */
export function orderSql(orderBy: readonly string[], searchable: Searchable, ends: readonly string[]): string {
  const seen = new Set<string>();
  const asked = orderBy.map((clause) => {
    const words = clause.trim().split(/\s+/);
    const [identifier = '', direction = 'asc'] = words;
    if (identifier === '' || words.length > 2)
      throw invalid(`Invalid order_by clause '${clause.slice(0, 200)}'. Could not be parsed.`);
    if (!/^(?:asc|desc)$/i.test(direction))
      throw invalid(`Invalid ordering key in order_by clause '${clause.slice(0, 200)}'.`);
    const key = identifier.replace(/^attribute\./, '').replace(/^([`"])(.*)\1$/s, '$2');
    const sort = Object.hasOwn(searchable.sorts, key) ? searchable.sorts[key]! : undefined;
    if (!sort)
      throw invalid(
        `Invalid ${searchable.sortKey} '${key.slice(0, 200)}' specified. Valid keys are ${Object.keys(searchable.sorts).join(', ')}`,
      );
    if (seen.has(sort.field)) throw invalid(`\`order_by\` contains duplicate fields: ${orderBy.join(', ')}`);
    seen.add(sort.field);
    return `${sort.column} ${direction}`;
  });
  return [...asked, ...ends].join(', ');
}

class Reader {
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  /** What the sticky pattern matches here, spaces before it skipped. */
  take(pattern: RegExp): string | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }

  /** Whether the sticky pattern matches here; nothing is taken. */
  sees(pattern: RegExp): boolean {
    this.#skip();
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  done(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  get at(): number {
    return this.#at;
  }

  rest(from = this.#at): string {
    return this.#text.slice(from).trim().slice(0, 200);
  }

  /** Names what is there from a place on; where nothing is, all of it. */
  refuse(from = this.#at): Error {
    const clause = this.rest(from) || this.rest(0);
    if (clause.startsWith(';')) return invalid(`Search filter contained multiple expressions: ${clause}`);
    return invalid(`Invalid clause(s) in filter string: ${clause}`);
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    SPACE.test(this.#text);
    this.#at = SPACE.lastIndex;
  }
}
