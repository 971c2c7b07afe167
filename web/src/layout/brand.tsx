import { Link } from '../routing/link.tsx';
import { Mark } from './mark.tsx';

export function Brand() {
  return (
    <Link to="/" className="brand">
      <Mark />
      <span>Sallyport</span>
    </Link>
  );
}
