package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.SendQueue;

/// Which methods C2 may take into their callers (decision 16): those of more than
/// `FreqInlineSize` bytes of code never. So `enqueueToPeer` becomes part of the application's
/// method, where a header that nobody looks at needs no memory, and its long parts do not.
class InliningTest {
    /// HotSpot's `FreqInlineSize` on x86 and AArch64.
    private static final int FREQ_INLINE_SIZE = 325;

    /// The lengths of all methods of a name, in bytes of code.
    private static List<Integer> lengths(Class<?> type, String method) throws IOException {
        String file = type.getSimpleName() + ".class";
        try (InputStream in = Objects.requireNonNull(type.getResourceAsStream(file))) {
            return ClassFile.of().parse(in.readAllBytes()).methods().stream()
                    .filter(each -> each.methodName().equalsString(method))
                    .map(MethodModel::code)
                    .map(code -> length(code.orElseThrow()))
                    .toList();
        }
    }

    private static int length(CodeModel code) {
        return ((CodeAttribute) code).codeLength();
    }

    @Test
    void enqueueToPeerMayBecomePartOfItsCallerAndWhatItCallsMayNot() throws IOException {
        assertThat(lengths(EngineGroup.class, "enqueueToPeer"))
                .hasSize(2)
                .allMatch(length -> length <= FREQ_INLINE_SIZE);
        assertThat(lengths(EngineGroup.class, "offerToPeer"))
                .hasSize(1)
                .allMatch(length -> length <= FREQ_INLINE_SIZE);
        assertThat(lengths(Intake.class, "post"))
                .hasSize(1)
                .allMatch(length -> length > FREQ_INLINE_SIZE);
        assertThat(lengths(SendQueue.class, "offer"))
                .hasSize(1)
                .allMatch(length -> length > FREQ_INLINE_SIZE);
    }
}
