'use client';

import { type ButtonHTMLAttributes, type ComponentType, useState } from 'react';

export type TriggerProps = ButtonHTMLAttributes<HTMLButtonElement>;

/**
 * A menu that is fetched when it is first opened: menus weigh 40 kB, and most visits open none. Until then its button stands
 * alone; the menu that comes opens at once and draws its trigger from the same properties.
 */
export function lateMenu<P extends { trigger: TriggerProps }>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function LateMenu(props: P) {
    const [here, setHere] = useState<{ Menu: ComponentType<P> } | null>(null);
    if (here) return <here.Menu {...props} />;
    const fetch = () => void load().then((Menu) => setHere({ Menu }));
    return (
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={false}
        {...props.trigger}
        onClick={fetch}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          fetch();
        }}
      />
    );
  };
}
