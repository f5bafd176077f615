package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;

/// One message's memory: a frame as it travels, and room to grow up to [#capacity()].
///
/// A slot has one referrer at any time, and [#owner()] says which: the pool, one lease, one queue,
/// or one channel. Every hand-over names the old owner and the new one.
///
/// The header of its frame is kept here, as two words, and put in front of the rest when the frame
/// is sent (decision 17). The memory has room for it.
///
/// Somewhat long: an accessor for each field of the header, and its memory in each form that
/// somebody needs.
///
/// Thread: its owner's; hand-overs go through a queue or the free list, which order memory.
public final class Slot extends Mail {
    /// Who refers to a slot.
    public enum Owner {
        /// The pool: a free list, a magazine in front of it, or what a thread takes or returns at
        /// once.
        FREE,
        /// A [SlabMessage], so an application.
        LEASE,
        /// What is to be sent, from the send queue to the last byte, or an inbox.
        QUEUE,
        /// A listener, which answers its WelcomeRequest with it.
        CHANNEL,
        /// A log: it is a [LogChunk].
        LOG
    }

    final Slab slab;

    /// Position in the table of its size class; the free list links slots by it.
    final int index;

    /// The next free slot's index + 1, 0 for none; for the free list.
    int nextFree;

    /// The two words of the frame's header.
    private long first;

    private long second;

    /// An id for the message if it needs one, which nobody has had; 0 for none. It stays with the
    /// slot until it is used.
    long spareId;

    /// Where it begins in its slab, in bytes.
    private final int offset;

    /// Changed by [#handOver], but where there may be no stack left for a call.
    Owner owner = Owner.FREE;

    /// Whoever took it, or gave it back, could not go on, for want of stack or memory; the pool
    /// looks for it. Set when nobody else has the slot, by an assignment, as there may be no stack
    /// for a call.
    boolean adrift;

    /// While it is to be sent: the second word as it was then. What is sent keeps its length,
    /// whatever somebody writes who should not have the message any more. Else 0.
    long sealed;

    private @Nullable SlotSource source;

    /// What [#tellSource()] tells; 0 to look for it in the frame.
    private int toldLength;

    /// Made when a socket needs it.
    private @Nullable ByteBuffer buffer;

    /// Made when a log needs it, and kept for life.
    private @Nullable LogChunk chunk;

    Slot(Slab slab, int index, int offset) {
        this.slab = slab;
        this.index = index;
        this.offset = offset;
    }

    // ---- the header

    /// Zeroes the header: no text headers, no body.
    public void clear() {
        words(0, 0);
    }

    /// The header's first word.
    ///
    /// @return channel number, proto, status and the upper half of the id
    public long first() {
        return first;
    }

    /// The header's second word.
    ///
    /// @return the lower half of the id and both lengths
    public long second() {
        return second;
    }

    /// Writes the whole header.
    ///
    /// @param firstWord the header's first word
    /// @param secondWord the header's second word
    public void words(long firstWord, long secondWord) {
        first = firstWord;
        second = secondWord;
    }

    /// A copy of the header.
    ///
    /// @return the header, whose op code is to be a known one
    public BinaryHeader header() {
        return HeaderLayout.header(first, second);
    }

    /// The channel number.
    ///
    /// @return 0 to 65,535
    public int channel() {
        return HeaderLayout.channel(first);
    }

    /// Sets the channel number.
    ///
    /// @param channel 0 to 65,535
    public void channel(int channel) {
        first = HeaderLayout.withChannel(first, channel);
    }

    /// The number of the op code, known or not.
    ///
    /// @return 0 to 15
    public int opCode() {
        return HeaderLayout.opCode(first);
    }

    /// The op code of a frame that was checked.
    ///
    /// @return the op code
    public OpCode knownOpCode() {
        return HeaderLayout.knownOpCode(first);
    }

    /// Sets the op code.
    ///
    /// @param opCode the op code
    public void opCode(OpCode opCode) {
        first = HeaderLayout.withOpCode(first, opCode);
    }

    /// Whether the engine speaks.
    ///
    /// @return the origin bit
    public boolean fromEngine() {
        return HeaderLayout.fromEngine(first);
    }

    /// Whether more messages follow.
    ///
    /// @return the more bit
    public boolean more() {
        return HeaderLayout.more(first);
    }

    void more(boolean more) {
        first = HeaderLayout.withMore(first, more);
    }

    /// Whether the message is out of band.
    ///
    /// @return the internal A bit
    public boolean outOfBand() {
        return HeaderLayout.outOfBand(first);
    }

    /// Sets the internal A bit.
    ///
    /// @param outOfBand the bit
    public void outOfBand(boolean outOfBand) {
        first = HeaderLayout.withOutOfBand(first, outOfBand);
    }

    /// Whether the message is the last of its channel.
    ///
    /// @return the internal B bit, which never travels
    public boolean endsChannel() {
        return HeaderLayout.endsChannel(first);
    }

    /// Makes the message the last of its channel.
    public void markEnd() {
        first = HeaderLayout.ending(first);
    }

    /// The status byte.
    ///
    /// @return 0 to 255
    public int status() {
        return HeaderLayout.status(first);
    }

    /// Makes the frame speak in the engine's name.
    ///
    /// @param status what the engine says
    public void markEngine(Status status) {
        first = HeaderLayout.ofEngine(first, status);
    }

    /// Makes the frame speak in the application's name.
    ///
    /// @param status what it says; [Status#SUCCESS] on the wire
    public void markApplication(Status status) {
        first = HeaderLayout.ofApplication(first, status);
    }

    /// The message id.
    ///
    /// @return an unsigned 64-bit number
    public long id() {
        return HeaderLayout.id(first, second);
    }

    /// Sets the message id.
    ///
    /// @param id an unsigned 64-bit number
    public void id(long id) {
        words(HeaderLayout.firstWithId(first, id), HeaderLayout.withId(second, id));
    }

    /// Length of the text headers.
    ///
    /// @return 0 to 65,535, in bytes
    public int headersLength() {
        return HeaderLayout.headersLength(second);
    }

    void headersLength(int length) {
        second = HeaderLayout.withHeadersLength(second, length);
    }

    /// Length of the body.
    ///
    /// @return 0 to 65,535, in bytes
    public int bodyLength() {
        return HeaderLayout.bodyLength(second);
    }

    void bodyLength(int length) {
        second = HeaderLayout.withBodyLength(second, length);
    }

    // ---- the memory

    /// The memory, as long as the capacity. The frame begins at offset 0; what is there of its
    /// header is not to be read.
    ///
    /// @return a view of the slot's memory
    public MemorySegment segment() {
        return slab.memory.asSlice(offset, slab.stride);
    }

    /// A part of the memory, by one object less than a part of [#segment()].
    MemorySegment segment(int at, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        return slab.memory.asSlice(offset + at, count);
    }

    /// The same memory as [#segment()], for the socket, with the frame's header as it is now. At a
    /// hand-over it is clear: position 0, limit at the capacity.
    ///
    /// @return the slot's own buffer, kept for life; meant for long frames, as it takes memory of
    ///     its own
    public ByteBuffer buffer() {
        ByteBuffer own = bytes();
        writeHeader();
        return own;
    }

    /// The same buffer as [#buffer()], whatever is in front of it.
    ByteBuffer bytes() {
        ByteBuffer own = buffer;
        if (own == null) {
            own = segment().asByteBuffer();
            buffer = own;
        }
        return own;
    }

    /// Makes the buffer ready for a hand-over, if there is one: to make one takes memory.
    void clearBytes() {
        ByteBuffer own = buffer;
        if (own != null) {
            own.clear();
        }
    }

    /// This slot as a piece of a log.
    LogChunk chunk() {
        LogChunk own = chunk;
        if (own == null) {
            own = new LogChunk(this);
            chunk = own;
        }
        return own;
    }

    /// If it counts as lent, it does no more.
    void endLoan() {
        LogChunk own = chunk;
        if (own != null) {
            own.count();
        }
    }

    private void writeHeader() {
        slab.buffer.putLong(offset, first).putLong(offset + HeaderLayout.SECOND_WORD, lengthWord());
    }

    /// Says that the frame is what will be sent: its length is not to change any more.
    ///
    /// @param word the second word of its header, whose length [#checkSendable(int)] has seen
    public void seal(long word) {
        sealed = word;
    }

    /// Sees to it that a frame is its sender's, and not longer than its memory.
    ///
    /// @param length length of the frame, in bytes
    /// @throws IllegalStateException if not: two threads use it at the same time, a bug of the
    ///     application
    public void checkSendable(int length) {
        if (owner != Owner.LEASE || length > slab.stride) {
            throw new IllegalStateException("the message is used by two threads");
        }
    }

    private long lengthWord() {
        return sealed == 0 ? second : sealed;
    }

    /// Copies bytes into the frame, behind its header.
    ///
    /// @param at where to, 16 to the capacity
    /// @param source where from; its position stays
    /// @param from the first byte's index in the source
    /// @param count how many, no more than there is room for
    public void put(int at, ByteBuffer source, int from, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        slab.buffer.put(offset + at, source, from, count);
    }

    /// Copies bytes into the frame, as [#put(int, ByteBuffer, int, int)] does.
    void put(int at, byte[] source, int from, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        slab.buffer.put(offset + at, source, from, count);
    }

    /// Copies bytes into the frame, as [#put(int, ByteBuffer, int, int)] does.
    void put(int at, MemorySegment source, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        MemorySegment.copy(source, 0, slab.memory, offset + at, count);
    }

    /// Copies bytes out of the frame.
    void get(int at, MemorySegment target, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        MemorySegment.copy(slab.memory, offset + at, target, 0, count);
    }

    /// Copies bytes out of the frame.
    void get(int at, byte[] target, int from, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        slab.buffer.get(offset + at, target, from, count);
    }

    /// Copies the beginning of another slot's frame, the header at least.
    void copyFrom(Slot other, int count) {
        Objects.checkIndex(count, slab.stride + 1);
        first = other.first;
        second = other.second;
        int from = other.offset + HeaderLayout.LENGTH;
        int to = offset + HeaderLayout.LENGTH;
        slab.buffer.put(to, other.slab.buffer, from, count - HeaderLayout.LENGTH);
    }

    /// Copies a frame into this memory, which is a piece of a log.
    ///
    /// @param at where it is to begin; there is room for it
    void copyFrame(int at, Slot frame, long firstWord, long secondWord, int length) {
        Objects.checkFromIndexSize(at, length, slab.stride);
        ByteBuffer memory = slab.buffer;
        int to = offset + at;
        memory.putLong(to, firstWord).putLong(to + HeaderLayout.SECOND_WORD, secondWord);
        int from = frame.offset + HeaderLayout.LENGTH;
        memory.put(to + HeaderLayout.LENGTH, frame.slab.buffer, from, length - HeaderLayout.LENGTH);
    }

    /// Copies what is behind the header of a frame that another slot has as a piece of a log.
    void copyRest(Slot log, int at, int length) {
        Objects.checkFromIndexSize(0, length, slab.stride);
        int to = offset + HeaderLayout.LENGTH;
        int from = log.offset + at + HeaderLayout.LENGTH;
        slab.buffer.put(to, log.slab.buffer, from, length - HeaderLayout.LENGTH);
    }

    /// Copies bytes of another slot, of which both are pieces of logs.
    void copyBytes(int at, Slot other, int from, int count) {
        Objects.checkFromIndexSize(at, count, slab.stride);
        slab.buffer.put(offset + at, other.slab.buffer, other.offset + from, count);
    }

    /// Eight bytes of this memory, which is a piece of a log.
    long wordAt(int at) {
        return slab.buffer.getLong(offset + at);
    }

    /// Changes eight bytes of this memory, which is a piece of a log.
    void wordAt(int at, long word) {
        slab.buffer.putLong(offset + at, word);
    }

    /// The id that the message here would be given; it stays here until it is taken, so that an
    /// attempt that fails costs none.
    ///
    /// @return an id that this process gives out once, the same until it is taken
    public long nextId() {
        if (spareId == 0) {
            spareId = MessageIds.next();
        }
        return spareId;
    }

    /// Takes the id for the message that is here: the next one is another.
    ///
    /// @return [#nextId()]
    public long takeId() {
        long id = nextId();
        spareId = 0;
        return id;
    }

    /// Gives back an id that was taken from here, and not used.
    ///
    /// @param id the id
    public void returnId(long id) {
        spareId = id;
    }

    /// How long a frame may become without moving to another slot.
    ///
    /// @return bytes
    public int capacity() {
        return slab.stride;
    }

    /// Length of the frame.
    ///
    /// @return 16 to 131,086, in bytes
    public int frameLength() {
        return HeaderLayout.frameLength(lengthWord());
    }

    /// Who refers to this slot.
    ///
    /// @return the owner
    public Owner owner() {
        return owner;
    }

    /// Whether it is of a pool's reserve, for when there is nothing else: so it must not stay
    /// anywhere where nobody takes it.
    ///
    /// @return true for the slot of a notice, or a spare one
    public boolean isOfReserve() {
        return slab.sizeClass.isReserve();
    }

    /// Whether it should not stay where nobody takes it for long, as memory for messages is short.
    ///
    /// @return true if it is of a reserve, or half of the memory of its pool is in use
    public boolean isScarce() {
        return isOfReserve() || slab.sizeClass.pool().slabs().isHalfUsed();
    }

    /// Passes the slot on.
    ///
    /// @param from the owner until now
    /// @param to the owner from now on
    /// @return this
    /// @throws IllegalStateException if `from` is not the owner: a bug of the caller
    public Slot handOver(Owner from, Owner to) {
        if (owner != from) {
            throw new IllegalStateException("slot of " + owner + " handed over as of " + from);
        }
        owner = to;
        sealed = 0;
        return this;
    }

    /// Makes a slot that was adrift nobody's.
    void reset() {
        owner = Owner.FREE;
        sealed = 0;
        source = null;
        next = null;
    }

    /// Tells whoever delivered the slot that it was taken, or that it never will be; once, unless
    /// it throws.
    public void tellSource() {
        SlotSource told = source;
        if (told != null) {
            told.taken(toldLength == 0 ? frameLength() : toldLength);
            source = null;
        }
    }

    @Nullable SlotSource source() {
        return source;
    }

    /// Says whom to tell when an application takes the slot.
    ///
    /// @param source the channel that delivers it, or `null`
    public void source(@Nullable SlotSource source) {
        source(source, 0);
    }

    /// Says whom to tell when an application takes the slot, and of what length; so the frame need
    /// not be looked at, which the processor may have forgotten by then.
    ///
    /// @param source the channel that delivers it
    /// @param frameLength length of the frame as it is delivered
    public void source(@Nullable SlotSource source, int frameLength) {
        this.source = source;
        this.toldLength = frameLength;
    }

    /// Gives the slot back to its pool.
    ///
    /// @param from the owner until now
    public void release(Owner from) {
        slab.sizeClass.pool().release(this, from);
    }

    @Override
    public void discard() {
        tellSource();
        release(owner); // the consumer may have begun to take it
    }
}
