import { describeWait } from './describe-wait.ts';

/** The seconds left, ticking for the eye; a screen reader is told the whole wait once. */
export function Countdown({ seconds, left }: { readonly seconds: number; readonly left: number }) {
  if (left === 0) return <>You can try again now.</>;
  return (
    <>
      <span className="visually-hidden">Try again in {seconds} seconds.</span>
      <span aria-hidden="true">
        Try again in <span className="countdown">{describeWait(left)}</span>.
      </span>
    </>
  );
}
