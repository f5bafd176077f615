package tofu.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The text headers of a message: `name:value` lines before its body (wire spec, section 1).
///
/// A name has no `:`, CR, LF or NUL, and no space or tab at its ends; it must not be empty. A value
/// has no CR, LF or NUL and is written as it is; it must not be empty. Both become UTF-8, so
/// neither has half a surrogate pair. Read, a value is trimmed of space and tab. A name may occur
/// more than once.
///
/// Headers stand before the body in memory: appending one to a message that has a body moves the
/// body.
///
/// Threads: those of the [Message]. Only the engine implements it: methods may be added.
public interface TextHeaders {
    /// Appends a header.
    ///
    /// @param name the name
    /// @param value the value
    /// @return this
    /// @throws AmpeException with [Status#INVALID_HEADER] for a bad name or value, with
    ///     [Status#INVALID_HEADERS_LEN] when all headers would exceed 65,535 bytes, with
    ///     [Status#ALLOCATION_FAILED]; nothing is changed then
    TextHeaders append(String name, String value);

    /// Puts a header before all others.
    ///
    /// @param name the name
    /// @param value the value
    /// @return this
    /// @throws AmpeException as [#append]; nothing is changed then
    TextHeaders prepend(String name, String value);

    /// Removes all headers with this name; others and the body stay.
    ///
    /// @param name the name, compared byte by byte
    /// @return this
    TextHeaders remove(String name);

    /// The value of the first header with this name.
    ///
    /// @param name the name, compared byte by byte
    /// @return the value, empty for a header without one; `null` if there is no such header
    @Nullable String first(String name);

    /// Goes through the headers in order and allocates nothing but itself.
    ///
    /// @return a cursor before the first header; ends with the lease, and with any change of the
    ///     headers
    Cursor cursor();

    /// Copies the headers; of several with one name the first stays.
    ///
    /// @return a map in the order of the headers, independent of the message
    Map<String, String> toMap();

    /// Length of all headers as they travel, in bytes.
    ///
    /// @return 0 to 65,535
    int length();

    /// Removes all headers; the body stays.
    ///
    /// @return this
    TextHeaders clear();

    /// A position among the headers. Only the engine implements it: methods may be added.
    interface Cursor {
        /// Moves to the next header.
        ///
        /// @return false when there is none
        boolean next();

        /// Compares the current name without making a string.
        ///
        /// @param name the name to compare with
        /// @return true if it is the same, byte by byte
        boolean nameIs(String name);

        /// Compares the current value without making a string.
        ///
        /// @param value the value to compare with
        /// @return true if it is the same, byte by byte
        boolean valueIs(String value);

        /// The current name as a new string.
        ///
        /// @return the name
        String name();

        /// The current value as a new string.
        ///
        /// @return the value, empty if there is none
        String value();
    }
}
