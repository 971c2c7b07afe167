import { type ReactNode, useEffect, useRef } from 'react';

export interface NoticeProps {
  readonly tone: 'good' | 'bad' | 'calm';
  /** For a message that takes the place of the button that caused it. */
  readonly takesFocus?: boolean;
  readonly children: ReactNode;
}

/** A message to the person. Bad news interrupts a screen reader, the rest waits its turn. */
export function Notice({ tone, takesFocus = false, children }: NoticeProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) box.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <div
      ref={box}
      className="notice"
      data-tone={tone}
      role={tone === 'bad' ? 'alert' : 'status'}
      tabIndex={takesFocus ? -1 : undefined}
    >
      {children}
    </div>
  );
}
