export { exchangeHttp, type HttpAnswer } from './exchange.ts';
export { described, foreignAnswer } from './foreign-answer.ts';
export { networkFailure } from './network-failure.ts';
export { retryAfterMs } from './retry-after.ts';
export {
  clockTime,
  type TroubleCode,
  troubleAdvice,
  troubleCodes,
  type TroubleDetail,
  troubleIn,
} from './trouble.ts';
