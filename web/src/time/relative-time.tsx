import { describeAbsolute, describeRelative } from './describe-time.ts';
import { useNow } from './use-now.ts';

/** A time told from now, with the exact one in the tooltip. */
export function RelativeTime({ iso }: { readonly iso: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={describeAbsolute(iso)}>
      {describeRelative(iso, now)}
    </time>
  );
}
