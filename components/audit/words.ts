import type { AuditRow } from '../../lib/audit/schema.ts';

/** A command's name is `noun.verb`; these are the ones a reader meets, said as somebody would say them. */
const ACTS: Record<string, string> = {
  'models.register': 'registered the model',
  'models.update': 'changed the model’s details',
  'models.rename': 'renamed the model',
  'models.import': 'imported from another registry',
  'models.register-version': 'registered a version',
  'models.set-importance': 'said how much each input matters',
  'models.delete': 'deleted the model',
  'models.set-tag': 'set a tag',
  'models.delete-tag': 'removed a tag',
  'models.update-version': 'described a version',
  'models.delete-version': 'deleted a version',
  'models.set-version-tag': 'set a tag of a version',
  'models.delete-version-tag': 'removed a tag of a version',
  'models.set-alias': 'set an alias',
  'models.delete-alias': 'removed an alias',
  'models.transition-stage': 'moved a version to another stage',
  'contracts.infer': 'inferred the data contract',
  'contracts.change': 'changed the data contract',
  'measurements.upload': 'sent data',
  'measurements.cancel-batch': 'cancelled an upload',
  'measurements.record-counts': 'counted what was sent',
  'measurements.record-metrics': 'sent figures computed elsewhere',
  'measurements.finish-batch': 'finished reading an upload',
  'measurements.note-silence': 'noticed that no more data comes',
  'drift.name-protected': 'named the protected columns',
  'drift.judge-windows': 'compared the inputs with the reference',
  'kpis.create': 'set a goal',
  'kpis.update': 'changed a goal',
  'kpis.delete': 'stopped watching a goal',
  'incidents.evaluate': 'judged the goals',
  'incidents.acknowledge': 'took on an incident',
  'incidents.assign': 'assigned an incident',
  'incidents.snooze': 'snoozed an incident',
  'incidents.resolve': 'resolved an incident',
  'approvals.create': 'asked to put a version live',
  'approvals.decide': 'decided on a request',
  'approvals.revise': 'revised a request',
  'approvals.withdraw': 'withdrew a request',
  'deployments.deploy': 'deployed a version',
  'deployments.callback': 'reported on a deployment',
  'deployments.rollback': 'rolled back',
  'comments.create': 'commented',
};

const DECISIONS: Record<string, string> = {
  approve: 'approved',
  request_changes: 'asked for changes to',
  reject: 'rejected',
};

/** What a command does, in words. */
export const actOf = (command: string): string => ACTS[command] ?? command.replace('.', ': ').replaceAll('-', ' ');

const field = (from: unknown, key: string): string => {
  if (typeof from !== 'object' || from === null || !(key in from)) return '';
  const value = (from as Record<string, unknown>)[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

export function actWords(row: AuditRow): string {
  const decision = DECISIONS[field(row.after, 'decision')];
  if (row.action === 'approvals.decide' && decision) return `${decision} request ${row.subject.id}`;
  const act = actOf(row.action);
  const version = field(row.after, 'version') || field(row.after, 'modelVersion');
  const name = field(row.after, 'name') || field(row.before, 'name');
  const detail = row.action.startsWith('kpis.') && name ? ` “${name}”` : version ? ` (version ${version})` : '';
  return `${act}${detail}${departures(row)}`;
}

/** What a file was found to lack, where it was held against its data contract. */
function departures({ action, after }: AuditRow): string {
  if (action !== 'measurements.record-counts' || typeof after !== 'object' || after === null) return '';
  const { setAside = 0, departures: found = 0 } = after as { setAside?: number; departures?: number };
  const told = [
    ...(found > 0 ? [`${found} ${found === 1 ? 'departure' : 'departures'} from the data contract`] : []),
    ...(setAside > 0 ? [`${setAside} ${setAside === 1 ? 'row' : 'rows'} set aside`] : []),
  ];
  return told.length > 0 ? `: ${told.join(', ')}` : '';
}
