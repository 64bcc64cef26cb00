import { comments } from '../../../db/schema/approvals.ts';
import { contentHash } from '../../base/hash.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { notFound } from '../../shell/errors.ts';
import { findSubjectModel } from '../queries.ts';
import { createCommentInput } from '../schema.ts';

export const createComment = defineCommand('comments.create', createCommentInput, async ({ tx, actor, now }, input) => {
  const model = await findSubjectModel(tx, input.subject);
  if (!model || (input.model !== undefined && input.model !== model.name))
    throw notFound(input.subject.type, input.subject.id);
  const row = {
    id: newId(),
    modelId: model.id,
    subjectType: input.subject.type,
    subjectId: input.subject.id,
    body: input.body,
    createdBy: actor.id,
    createdByName: actor.name,
    createdAt: now,
  };
  await tx.insert(comments).values(row);
  return {
    value: {
      id: row.id,
      subject: input.subject,
      body: input.body,
      createdBy: actor.name,
      createdAt: now.toISOString(),
    },
    subject: { type: 'comment', id: row.id, model },
    before: null,
    // The trail proves what was said without holding it: personal words stay erasable.
    after: { on: input.subject, bodyHash: contentHash(input.body) },
  };
});
