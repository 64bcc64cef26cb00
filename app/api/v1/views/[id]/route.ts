import { deleteView } from '../../../../../lib/board/commands/delete-view.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const DELETE = route({
  policy: { command: 'board.delete-view' },
  handle: ({ run, params }) => run(deleteView, { id: params.id }),
});
