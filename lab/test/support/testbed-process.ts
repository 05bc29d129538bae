/** A run on the testbed in a process of its own, for a test that kills it. */
import { announce } from '@holdfast/shared/observability/log.ts';
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { runOnTestbed } from '../../testbed/run.ts';
import { wellScenario } from './testbed-scenarios.ts';

const arm = { name: 'one', policy: policyDefaults, scenario: { ...wellScenario, seconds: 60 } };
await runOnTestbed([arm], { onProgress: () => announce('running') });
