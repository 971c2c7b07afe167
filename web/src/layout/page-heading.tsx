import { useEffect, useRef } from 'react';

let documentIsNew = true;

/**
 * The page's first heading and the document's title. A page that replaces another takes the focus here, so that
 * screen readers and the keyboard start at its top; a freshly loaded document does that by itself.
 */
export function PageHeading({ title, documentTitle = title }: { readonly title: string; readonly documentTitle?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${documentTitle} · Sallyport`;
    if (!documentIsNew) heading.current?.focus({ preventScroll: true });
    documentIsNew = false;
  }, [documentTitle]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {title}
    </h1>
  );
}
