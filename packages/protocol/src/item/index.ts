export {
  createDeletionCounters,
  type DeletionCounters,
  readDeletionCounters,
  writeDeletionCounters,
} from "./deletion-counters.js";
export { BasisType, ItemFlag, REPORT_TIME_FAILED, SIGNIFICANT_ITEM_FLAGS } from "./item-flags.js";
export { type ItemRecord, MAX_XNAME, readItemRecord, writeItemRecord } from "./item-record.js";
export {
  readSenderStatistics,
  type SenderStatistics,
  writeSenderStatistics,
} from "./sender-statistics.js";
export { writeXattrReplyEnd, writeXattrValue, XattrReplyReader } from "./xattr-reply.js";
export { readXattrRequest, writeXattrRequest } from "./xattr-request.js";
