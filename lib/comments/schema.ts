import * as z from 'zod';
import { exact, prose } from '../base/text.ts';

export const COMMENT_MAX = 5000;
export const createCommentInput = z.strictObject({
  model: exact(256).optional(),
  subject: z.strictObject({
    type: z.enum(['model', 'version', 'request', 'kpi', 'incident', 'moment']),
    id: exact(300),
  }),
  body: prose(COMMENT_MAX).trim().min(1, 'must not be empty'),
});
export type CommentView = {
  id: string;
  subject: { type: string; id: string };
  body: string;
  createdBy: string;
  createdAt: string;
};
