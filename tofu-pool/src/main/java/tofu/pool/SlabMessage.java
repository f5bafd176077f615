package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Body;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.api.TextHeaders;

/// A lease of one slot. Emptying it replaces the slot by `null`, so that the check whether the
/// lease is still good costs nothing; a lease object is never issued again.
///
/// Thread: one at a time. Owns its slot until moved or closed. Should two threads move, close or
/// grow it at the same time, which is a bug of the application, one of them gets the slot, by a
/// compare-and-set; the slot may be somebody else's at once, and nobody else may notice.
public sealed class SlabMessage implements Message {
    private static final VarHandle SLOT;

    static {
        try {
            SLOT = MethodHandles.lookup().findVarHandle(SlabMessage.class, "slot", Slot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private @Nullable Slot slot;
    /// What an attempt to move the message has taken out, until that has ended.
    private @Nullable Slot claimed;

    private final LeakWatch.@Nullable Ticket ticket;

    SlabMessage(Slot slot, @Nullable LeakWatch watch) {
        this.slot = slot;
        this.ticket = watch == null ? null : watch.ticket(this);
    }

    /// Looks at a slot that is no lease's as if it were a message. Must not be closed; a change may
    /// move the content to another slot, see [#slot()].
    ///
    /// @param slot a slot of the caller's
    /// @return a view that nobody watches
    public static SlabMessage view(Slot slot) {
        return new View(slot);
    }

    /// Finds the lease behind a message that is to be moved.
    ///
    /// @param message what an application gave
    /// @return the lease, which owns a slot
    /// @throws AmpeException with [Status#NULL_MESSAGE], or [Status#INVALID_MESSAGE] for a message
    ///     that no pool made
    public static SlabMessage present(@Nullable Message message) {
        if (message instanceof SlabMessage lease) {
            lease.slot();
            return lease;
        }
        throw message == null
                ? new AmpeException(Status.NULL_MESSAGE, "the message is null")
                : new AmpeException(
                        Status.INVALID_MESSAGE, "not a message of tofu: " + message.getClass());
    }

    /// The slot, which stays the lease's.
    ///
    /// @return the slot
    /// @throws AmpeException with [Status#NULL_MESSAGE] when the lease is empty
    public Slot slot() {
        Slot leased = slot;
        if (leased == null) {
            throw new AmpeException(Status.NULL_MESSAGE, "the message was moved or closed");
        }
        return leased;
    }

    /// Takes the slot out of the lease: the caller's from now on, and no other thread's.
    ///
    /// @param leased what [#slot()] said
    /// @throws AmpeException with [Status#NULL_MESSAGE] if it is not the lease's any more
    public void claim(Slot leased) {
        claimed = leased;
        if (!SLOT.compareAndSet(this, leased, null)) {
            claimed = null;
            throw new AmpeException(
                    Status.NULL_MESSAGE, "another thread moved or closed the message");
        }
    }

    /// Undoes [#claim(Slot)], if there was not enough stack for that where it was to be undone; for
    /// a caller further up, who has more of it.
    public void restoreClaimed() {
        if (claimed != null && slot == null) {
            claimed.owner = Slot.Owner.LEASE;
            claimed.sealed = 0;
            slot = claimed;
            claimed = null;
        }
    }

    /// Undoes [#claim(Slot)], as the message stays the application's. Calls nothing, so that it
    /// needs no more stack than claiming took.
    ///
    /// @param leased the slot, even if it was handed over for an attempt that failed
    public void restore(Slot leased) {
        leased.owner = Slot.Owner.LEASE;
        leased.sealed = 0;
        slot = leased;
        claimed = null;
    }

    /// Who owns the slot: an application, or whoever looks at it as if it were a message.
    Slot.Owner owner() {
        return Slot.Owner.LEASE;
    }

    /// Exchanges the slot.
    ///
    /// @return false if it is not the lease's any more
    boolean replace(Slot leased, Slot larger) {
        return SLOT.compareAndSet(this, leased, larger);
    }

    /// Empties the lease, whose slot has a new owner already.
    public void moved() {
        slot = null;
        claimed = null;
        if (ticket != null) {
            ticket.released();
        }
    }

    @Override
    public OpCode opCode() {
        return slot().knownOpCode();
    }

    @Override
    public Message opCode(OpCode opCode) {
        slot().opCode(opCode);
        return this;
    }

    @Override
    public int channel() {
        return slot().channel();
    }

    @Override
    public Message channel(int channel) {
        Slot leased = slot();
        if (channel < 0 || channel > 0xFFFF) {
            throw new AmpeException(Status.INVALID_CHANNEL_NUMBER, channel + " is not 0 to 65535");
        }
        leased.channel(channel);
        return this;
    }

    @Override
    public long id() {
        return slot().id();
    }

    @Override
    public Message id(long id) {
        slot().id(id);
        return this;
    }

    @Override
    public Status status() {
        return HeaderLayout.knownStatus(slot().first());
    }

    @Override
    public Origin origin() {
        return slot().fromEngine() ? Origin.ENGINE : Origin.APPLICATION;
    }

    @Override
    public boolean endsChannel() {
        return slot().endsChannel();
    }

    @Override
    public boolean more() {
        return slot().more();
    }

    @Override
    public Message more(boolean more) {
        slot().more(more);
        return this;
    }

    @Override
    public boolean outOfBand() {
        return slot().outOfBand();
    }

    @Override
    public Message outOfBand(boolean outOfBand) {
        slot().outOfBand(outOfBand);
        return this;
    }

    @Override
    public TextHeaders headers() {
        slot();
        return new SlabHeaders(this);
    }

    @Override
    public Body body() {
        slot();
        return new SlabBody(this);
    }

    @Override
    public BinaryHeader header() {
        return slot().header();
    }

    @Override
    public Message connectTo(Address.Client address) {
        return open(OpCode.HELLO_REQUEST, Address.CONNECT_TO, address);
    }

    @Override
    public Message listenOn(Address.Server address) {
        return open(OpCode.WELCOME_REQUEST, Address.LISTEN_ON, address);
    }

    private Message open(OpCode opCode, String name, Address address) {
        opCode(opCode).channel(0);
        headers()
                .remove(Address.CONNECT_TO)
                .remove(Address.LISTEN_ON)
                .prepend(name, address.toString());
        return this;
    }

    @Override
    public Message fillFrom(Message other) {
        Slot from = present(other).slot();
        int length = from.frameLength();
        makeRoom(length);
        Slot to = slot();
        if (to != from) {
            to.copyFrom(from, length);
        }
        to.markApplication(Status.SUCCESS);
        return this;
    }

    @Override
    public Message clear() {
        slot().clear();
        return this;
    }

    @Override
    public boolean isEmptied() {
        return slot == null;
    }

    @Override
    public void close() {
        Slot leased = slot;
        if (leased != null) {
            leased.slab.sizeClass.pool().close(this, leased);
            moved();
        }
    }

    @Override
    public String toString() {
        return slot == null
                ? "Message[emptied]"
                : header().toString().replaceFirst("BinaryHeader", "Message");
    }

    /// Replaces the value of the first text header, whose name stays; the others stay as they are.
    ///
    /// @param value the new value
    /// @throws AmpeException with [Status#INVALID_HEADERS_LEN] or [Status#ALLOCATION_FAILED];
    ///     nothing is changed then
    public void replaceFirstHeader(String value) {
        new SlabHeaders(this).replaceFirst(value);
    }

    /// The memory of the frame; what is there of its header is not to be read.
    MemorySegment memory() {
        return slot().segment();
    }

    /// Sees to it that the frame may become so long: the lease moves to a larger slot if need be.
    ///
    /// @throws AmpeException with [Status#ALLOCATION_FAILED]; nothing is changed then
    void makeRoom(int length) {
        Slot leased = slot();
        if (length > leased.capacity()) {
            SlotPool pool = leased.slab.sizeClass.pool();
            if (pool.grow(this, leased, leased.frameLength(), length) == null) {
                throw pool.noMemory(length);
            }
        }
    }

    /// A slot that is no lease's, as if it were a message. Leases, of which there is one for each
    /// message, do without the field.
    private static final class View extends SlabMessage {
        private final Slot.Owner owner;

        View(Slot slot) {
            super(slot, null);
            owner = slot.owner();
        }

        @Override
        Slot.Owner owner() {
            return owner;
        }
    }
}
