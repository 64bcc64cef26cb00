export type AuditRow = {
  id: number;
  at: string;
  action: string;
  actor: { kind: string; id: string; name: string };
  subject: { type: string; id: string };
  reason: string | null;
  before: unknown;
  after: unknown;
  hash: string;
};
export type AuditVerdict = {
  ok: boolean;
  rows: number;
  firstBad: { id: number | null; stream: string; position: number } | null;
};
