'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { isOpen } from '../approvals/words.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';

export function CommentBox() {
  const { panel } = usePanel();
  const { busy, problem, write, errorAt } = useWrite();
  const open = panel.requests.filter(isOpen);
  const [about, setAbout] = useState(open[0] ? String(open[0].id) : '');
  const [body, setBody] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const subject = about ? { type: 'request', id: about } : { type: 'model', id: panel.model.name };
    const made = await write(() => api('POST', '/api/v1/comments', { model: panel.model.name, subject, body }), '');
    if (made) setBody('');
  };
  return (
    <form
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) =>
        event.key === 'Enter' && (event.metaKey || event.ctrlKey) && event.currentTarget.requestSubmit()
      }
      className="flex flex-col gap-1.5"
      aria-label="Comment"
    >
      {open.length > 0 && (
        <Choice
          label="About"
          value={about}
          onChange={(event) => setAbout(event.target.value)}
          options={[
            ...open.map((r) => ({ value: String(r.id), label: `Request ${r.id}: put v${r.version} live` })),
            { value: '', label: 'The model' },
          ]}
        />
      )}
      <Area
        data-key="comment"
        label="Comment"
        value={body}
        onChange={(event) => setBody(event.target.value)}
        required
        maxLength={5000}
        error={errorAt('body')}
      />
      <Fault problem={problem} />
      <div>
        <Button type="submit" able={panel.can.comment} busy={busy} reason="beside">
          Comment
        </Button>
      </div>
    </form>
  );
}
