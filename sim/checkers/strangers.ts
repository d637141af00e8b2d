/**
 * Who does not belong to the run stays outside: two processes that differ in what all must agree in
 * are never let in by each other, nor is anybody by those whose list does not have him.
 */
import type { Process } from '../process/index.ts';
import type { Checker } from './types.ts';

export const strangersStayOutside: Checker = (context) => ({
  admitted(first, second) {
    const at = { running: first, step: first.step };
    const report = (text: string) => context.report('strangers stay outside', text, at);
    const names = `${first.node.name} and ${second.node.name}`;
    const differing = [...first.differences].filter((one) => !second.differences.has(one));
    differing.push(...[...second.differences].filter((one) => !first.differences.has(one)));
    if (differing.length > 0)
      report(`${names} let each other in, and differ in ${differing.join(', ')}`);
    const { allowList } = context.world.scenario;
    const isStrange = ({ node }: Process) => node.isSybil;
    if (allowList === true && [first, second].some(isStrange))
      report(`${names} let each other in, and not both are on the list`);
  },
});
