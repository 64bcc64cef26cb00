import { and, eq, inArray } from 'drizzle-orm';
import * as z from 'zod';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { removeModels } from './remove-demo.ts';

/** Removes what a load of the sample data left that was broken off, so that it can be loaded anew. */
export const clearDemo = defineCommand(
  'board.clear-demo',
  z.strictObject({ models: z.array(z.string()), registeredBy: z.string() }),
  ({ tx }, input) =>
    removeModels(tx, and(inArray(models.name, input.models), eq(models.createdBy, input.registeredBy))),
);
