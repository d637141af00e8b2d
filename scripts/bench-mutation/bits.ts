/**
 * The quickest test of a changed solver: whether any method's weights are other bits. Nothing but
 * this is run where it fails.
 */
import { changedBits } from '../../test/resolve/bits.ts';

if (changedBits().length > 0) process.exit(1);
