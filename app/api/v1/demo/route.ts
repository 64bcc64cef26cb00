import { removeDemo } from '../../../../lib/board/commands/remove-demo.ts';
import { route } from '../../../../lib/shell/http.ts';

export const DELETE = route({ policy: { command: 'board.remove-demo' }, handle: ({ run }) => run(removeDemo, {}) });
