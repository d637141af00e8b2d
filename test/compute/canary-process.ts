/**
 * A process of its own that prints the numerics class and canary of the compute it is told to open.
 */
import { type ComputeOptions, openCompute } from '../../node/compute/index.ts';

const compute = await openCompute(JSON.parse(process.argv[2]!) as ComputeOptions);
console.log(compute.numericsClass, await compute.canary());
await compute.close();
