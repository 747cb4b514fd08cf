import { describe } from 'vitest';
import { refuses } from './call.ts';

describe('operators of any number of operands take at least one', () => {
  for (const op of ['Sum', 'Mean', 'Max', 'Min', 'Concat']) {
    refuses('none', op, { attributes: { axis: 0 }, operands: [] }, /operand 0 is missing/);
  }
});
