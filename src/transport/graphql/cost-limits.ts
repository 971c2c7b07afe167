/** Bounds on what one operation may ask for, by the shape of its selection before anything is resolved. */
export const costLimits = { depth: 12, breadth: 200, complexity: 2_000 };
