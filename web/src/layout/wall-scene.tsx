const merlonWidth = 40;
const reach = 35 * merlonWidth;

/**
 * Two lengths of wall with a gate tower between them. They reach far beyond the picture's own 560 units, so that the
 * wall fills a frame of any width.
 */
const wall = `M${-reach} 300V92${merlons(-reach, 160)}H190V40H214V58H238V40H262V58H298V40H322V58H346V40H370V72H400V92${merlons(400, 560 + reach)}V300z`;

/** Teeth along the top of a wall from one place to another, both a whole number of teeth apart. */
function merlons(from: number, to: number): string {
  let path = '';
  for (let x = from; x < to; x += 2 * merlonWidth) path += `V92H${x + merlonWidth}V72H${x + 2 * merlonWidth}`;
  return path;
}

/** The picture of the entry pages: a wall at night with one lit gate. */
export function WallScene() {
  return (
    <svg className="scene" viewBox="0 0 560 300" preserveAspectRatio="xMidYMax meet" aria-hidden="true">
      <defs>
        <pattern id="stones" width="64" height="36" patternUnits="userSpaceOnUse" y="8">
          <path className="scene-joint" d="M0 0H64M0 18H64M16 0V18M48 18V36" />
        </pattern>
        <radialGradient id="light" cx="0.5" cy="0.5" r="0.5">
          <stop offset="0" className="scene-light-near" />
          <stop offset="1" className="scene-light-far" />
        </radialGradient>
        <clipPath id="gate">
          <path d="M238 300V196a42 42 0 0 1 84 0V300z" />
        </clipPath>
      </defs>
      <path className="scene-wall" d={wall} />
      <path fill="url(#stones)" d={wall} />
      <path className="scene-tower-edge" d="M190 72V300M370 72V300" />
      <path className="scene-frame" d="M230 300V196a50 50 0 0 1 100 0V300z" />
      <path className="scene-gate" d="M238 300V196a42 42 0 0 1 84 0V300z" />
      <g clipPath="url(#gate)" className="scene-bars">
        <path d="M252 150V232M266 150V232M280 150V232M294 150V232M308 150V232M238 182H322M238 206H322M238 226H322" />
      </g>
      <ellipse fill="url(#light)" cx="280" cy="300" rx="230" ry="70" />
    </svg>
  );
}
