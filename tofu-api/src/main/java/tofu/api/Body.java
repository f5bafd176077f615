package tofu.api;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The body of a message: 0 to 65,535 bytes.
///
/// Every `append` throws [AmpeException] with [Status#INVALID_BODY_LEN] when the body would exceed
/// 65,535 bytes, and with [Status#ALLOCATION_FAILED] when there is no memory for it; the body is
/// unchanged then.
///
/// Threads: those of the [Message]. Only the engine implements it: methods may be added.
public interface Body {
    /// The longest body, in bytes.
    int MAX_LENGTH = 65_535;

    /// Appends bytes.
    ///
    /// @param bytes the bytes
    /// @return this
    Body append(byte[] bytes);

    /// Appends a part of an array.
    ///
    /// @param bytes the array
    /// @param offset where to start
    /// @param length how many bytes
    /// @return this
    Body append(byte[] bytes, int offset, int length);

    /// Appends the remaining bytes of a buffer, and moves its position to its limit.
    ///
    /// @param buffer the buffer
    /// @return this
    Body append(ByteBuffer buffer);

    /// Appends a segment.
    ///
    /// @param segment the bytes
    /// @return this
    Body append(MemorySegment segment);

    /// Appends text as UTF-8.
    ///
    /// @param text the text
    /// @return this
    /// @throws AmpeException also with [Status#INVALID_MESSAGE] for half a surrogate pair, which
    ///     UTF-8 cannot say; the body is unchanged then
    Body append(CharSequence text);

    /// Length in bytes.
    ///
    /// @return 0 to 65,535
    int length();

    /// The body's own memory, borrowed: it may be read and written until the message is moved,
    /// closed or changed through another method, and must not be used afterwards.
    ///
    /// @return the bytes of the body
    MemorySegment segment();

    /// Copies the body.
    ///
    /// @param target takes the bytes at its position, which is moved
    /// @return how many bytes were copied: the body's length
    /// @throws java.nio.BufferOverflowException if the target has less room; nothing is copied then
    int copyTo(ByteBuffer target);

    /// Copies the body.
    ///
    /// @param target takes the bytes at its start
    /// @return how many bytes were copied: the body's length
    /// @throws IndexOutOfBoundsException if the target is shorter; nothing is copied then
    int copyTo(MemorySegment target);

    /// Copies the body.
    ///
    /// @return a new array
    byte[] toByteArray();

    /// Decodes the body as UTF-8.
    ///
    /// @return the text; what is not UTF-8 becomes U+FFFD
    String text();

    /// Reads the body from its start.
    ///
    /// @return a view that ends with the lease; [InputStream#close()] does nothing
    InputStream inputStream();

    /// Appends to the body.
    ///
    /// @return a view that ends with the lease; [OutputStream#close()] does nothing
    OutputStream outputStream();

    /// Removes the bytes; the text headers stay.
    ///
    /// @return this
    Body clear();
}
