import { createHash } from 'node:crypto';
import type { Sql } from 'postgres';

/** Names the benchmark asks for again: `model 0000042`. */
export const modelName = (n: number): string => `model ${String(n).padStart(7, '0')}`;

/** The run that made a version of it. */
export const runId = (n: number, version: number): string => createHash('md5').update(`${n}/${version}`).digest('hex');

const NAME = "'model ' || lpad(n::text, 7, '0')";
export const VERSIONS = 3;

/**
 * Models `from` to `to` - 1 straight into the tables: three versions, three tags and an alias each, and a tag a version.
 * 100,000 take well under two minutes. Fixture data: its audit trails are empty, as only commands write them.
 */
export async function fillPlumbline(sql: Sql, from: number, to: number): Promise<void> {
  const series = `generate_series(${from}, ${to - 1}) n`;
  await sql.unsafe(`
    insert into models (id, name, description, last_version, created_by, created_at, updated_at)
      select gen_random_uuid(), ${NAME}, 'A model of the benchmark', ${VERSIONS}, 'bench',
        now() - n * interval '1 second', now() - n * interval '1 second' from ${series};
    create temp table fill as select m.id, n from ${series} join models m on m.name = ${NAME};
    insert into audit_heads select id::text, 0, repeat('0', 64) from fill;
    insert into model_tags select id, key, value from fill,
      lateral (values ('team', 'team ' || n % 20), ('task', 'task ' || n % 5), ('serial', n::text)) t (key, value);
    insert into model_versions (model_id, version, source, location, run_id, created_by_id, created_by, created_at, updated_at)
      select id, v, 's3://bench/' || n || '/' || v, 's3://bench/' || n || '/' || v, md5(n || '/' || v), 'bench', 'bench',
        now() - n * interval '1 second', now() - n * interval '1 second' from fill, generate_series(1, ${VERSIONS}) v;
    insert into version_tags select id, v, 'serial', n || '/' || v from fill, generate_series(1, ${VERSIONS}) v;
    insert into model_aliases select id, 'champion', 2 from fill;
    drop table fill;`);
  await sql.unsafe('vacuum analyze models, model_tags, model_versions, version_tags, model_aliases, audit_heads');
}

/** The same in the tables of the MLflow server. */
export async function fillMlflow(sql: Sql, from: number, to: number): Promise<void> {
  const series = `generate_series(${from}, ${to - 1}) n`;
  const at = '(extract(epoch from now()) * 1000)::bigint - n * 1000';
  await sql.unsafe(`
    insert into registered_models (workspace, name, creation_time, last_updated_time, description)
      select 'default', ${NAME}, ${at}, ${at}, 'A model of the benchmark' from ${series};
    insert into registered_model_tags (workspace, name, key, value) select 'default', ${NAME}, key, value from ${series},
      lateral (values ('team', 'team ' || n % 20), ('task', 'task ' || n % 5), ('serial', n::text)) t (key, value);
    insert into model_versions (workspace, name, version, creation_time, last_updated_time, current_stage, source, run_id, status)
      select 'default', ${NAME}, v, ${at}, ${at}, 'None', 's3://bench/' || n || '/' || v, md5(n || '/' || v), 'READY'
      from ${series}, generate_series(1, ${VERSIONS}) v;
    insert into model_version_tags (workspace, name, version, key, value)
      select 'default', ${NAME}, v, 'serial', n || '/' || v from ${series}, generate_series(1, ${VERSIONS}) v;
    insert into registered_model_aliases (workspace, name, alias, version) select 'default', ${NAME}, 'champion', 2 from ${series};`);
  await sql.unsafe(
    'vacuum analyze registered_models, registered_model_tags, model_versions, model_version_tags, registered_model_aliases',
  );
}
