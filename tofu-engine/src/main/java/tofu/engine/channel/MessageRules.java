package tofu.engine.channel;

import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.HeaderLayout;

/// What a message must be, whoever sends it; pure functions of its header.
public final class MessageRules {
    private MessageRules() {}

    /// Checks a message that an application enqueues, in the order of the wire spec's section 3, up
    /// to the channel's existence. Lengths cannot be wrong: they are checked as a message is
    /// filled.
    ///
    /// @param first the message's first header word
    /// @param second the second
    /// @return its op code
    /// @throws AmpeException with the status of the first rule that is broken
    public static OpCode checkEnqueued(long first, long second) {
        OpCode opCode = HeaderLayout.knownOpCode(first);
        if (opCode == OpCode.WELCOME_RESPONSE) {
            throw new AmpeException(Status.INVALID_OP_CODE, "only the engine sends " + opCode);
        }
        if (opCode.role() == OpCode.Role.RESPONSE && HeaderLayout.hasNoId(first, second)) {
            throw new AmpeException(Status.INVALID_MESSAGE_ID, "a " + opCode + " has the id 0");
        }
        if (opCode.type() != OpCode.Type.REGULAR && HeaderLayout.more(first)) {
            throw new AmpeException(Status.INVALID_MORE_USAGE, "a " + opCode + " has more set");
        }
        int channel = HeaderLayout.channel(first);
        if (opensChannel(opCode)) {
            if (channel != 0) {
                throw new AmpeException(
                        Status.INVALID_CHANNEL_NUMBER,
                        "a " + opCode + " opens a channel, its number must be 0, is " + channel);
            }
            if (HeaderLayout.headersLength(second) == 0) {
                throw new AmpeException(Status.WRONG_ADDRESS, "a " + opCode + " has no address");
            }
        } else if (channel == 0) {
            throw new AmpeException(
                    Status.INVALID_CHANNEL_NUMBER, "a " + opCode + " needs a channel, has 0");
        }
        return opCode;
    }

    /// Checks the header of a frame from a peer, as far as no channel needs to be known.
    ///
    /// @param first the header's first word
    /// @param second the header's second word
    /// @return [Status#SUCCESS], or why the channel must be closed
    static Status checkReceived(long first, long second) {
        OpCode opCode = OpCode.of(HeaderLayout.opCode(first));
        if (opCode == null) {
            return Status.INVALID_OP_CODE;
        }
        if (opCode.type() == OpCode.Type.WELCOME || opCode == OpCode.BYE_SIGNAL) {
            return Status.INVALID_MESSAGE;
        }
        if (opCode.role() != OpCode.Role.SIGNAL && HeaderLayout.hasNoId(first, second)) {
            return Status.INVALID_MESSAGE_ID;
        }
        if (opCode.type() != OpCode.Type.REGULAR && HeaderLayout.more(first)) {
            return Status.INVALID_MORE_USAGE;
        }
        return Status.SUCCESS;
    }

    /// Whether a message of this kind is given a new channel.
    ///
    /// @param opCode the op code
    /// @return true for HelloRequest and WelcomeRequest
    public static boolean opensChannel(OpCode opCode) {
        return opCode == OpCode.HELLO_REQUEST || opCode == OpCode.WELCOME_REQUEST;
    }
}
