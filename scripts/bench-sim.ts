import { measureScale } from './bench-sim/scale.ts';
const [n, s] = process.argv.slice(2).map(Number);
console.log(measureScale(n!, s!, () => performance.now()), process.cpuUsage());
