'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { isOpen } from '../approvals/words.ts';
import { usePanel } from '../board/context.tsx';
import { usePin } from '../board/pin.ts';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';

/** What a remark is about when it is the pinned moment; requests are numbers, the model is nothing. */
const MOMENT = 'moment';

export function CommentBox() {
  const { panel } = usePanel();
  const pin = usePin();
  const { busy, problem, write, errorAt } = useWrite();
  const open = panel.requests.filter(isOpen);
  const [about, setAbout] = useState(open[0] ? String(open[0].id) : '');
  const [body, setBody] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const subject =
      about === MOMENT && pin.at
        ? { type: 'moment', id: `${panel.model.name}@${pin.at}` }
        : about && about !== MOMENT
          ? { type: 'request', id: about }
          : { type: 'model', id: panel.model.name };
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
      {(open.length > 0 || pin.at) && (
        <Choice
          label="About"
          value={about}
          onChange={(event) => setAbout(event.target.value)}
          options={[
            ...(pin.at ? [{ value: MOMENT, label: `The pinned moment, ${pin.day}` }] : []),
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
