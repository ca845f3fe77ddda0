/**
 * Item flags: what the generator found or did about one entry. Spec: docs/protocol/3-transfer.md, 2.2.
 * @module
 */

/** Bits of the `short` that follows an index from protocol 29 on. */
export const ItemFlag = {
  ReportAtime: 0x0001,
  ReportChange: 0x0002,
  ReportSize: 0x0004,
  ReportTime: 0x0008,
  ReportPerms: 0x0010,
  ReportOwner: 0x0020,
  ReportGroup: 0x0040,
  ReportAcl: 0x0080,
  ReportXattr: 0x0100,
  ReportCrtime: 0x0400,
  BasisTypeFollows: 0x0800,
  XnameFollows: 0x1000,
  IsNew: 0x2000,
  LocalChange: 0x4000,
  Transfer: 0x8000,
} as const;

/** For a symbolic link the size bit says that its time could not be set. */
export const REPORT_TIME_FAILED: number = ItemFlag.ReportSize;

/** Any of these makes an item worth a record of its own. */
export const SIGNIFICANT_ITEM_FLAGS: number =
  0xffff & ~(ItemFlag.BasisTypeFollows | ItemFlag.XnameFollows | ItemFlag.LocalChange);

/** Which file the receiver opens as basis (3-transfer, 2.3). Smaller values are alternate directories. */
export const BasisType = {
  Destination: 0x80,
  PartialDir: 0x81,
  Backup: 0x82,
  Fuzzy: 0x83,
} as const;
