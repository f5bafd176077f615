/// The memory of messages: [tofu.pool.SlotPool] carves [tofu.pool.Slot]s out of slabs, and
/// [tofu.pool.SlabMessage] leases one of them to an application.
@NullMarked
package tofu.pool;

import org.jspecify.annotations.NullMarked;
