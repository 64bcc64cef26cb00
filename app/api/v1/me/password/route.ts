import { changePassword } from '../../../../../lib/access/commands/change-password.ts';
import { AppError, refused } from '../../../../../lib/shell/errors.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const PUT = route({
  policy: { command: 'access.change-password' },
  handle: async ({ run, json }) => {
    const answer = await run(changePassword, await json());
    if (answer.ok) return { changed: true };
    if (answer.code === 'too_many_attempts')
      throw new AppError('limited', answer.code, 'Too many attempts. Wait a quarter of an hour, then try again.');
    throw refused(answer.code, 'current', 'is not your password');
  },
});
