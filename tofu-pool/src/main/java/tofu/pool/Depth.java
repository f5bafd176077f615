package tofu.pool;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;

/// A method with a large frame that calls itself: the deep end of a [StackRoom].
///
/// A compiler of the JVM gives a frame a place for each value that is read before a call and needed
/// behind it, whichever way the method goes. So here is a way with very many of them; nothing that
/// one would write by hand.
///
/// Threads: any.
interface Depth {
    /// Goes down.
    ///
    /// @param zeroes as many as a frame holds
    /// @param frames how many frames to go
    /// @param filled in which of them, counted from the last as 1, to fill the frame; with another
    ///     number none is
    /// @return the sum of what was read: 0
    long go(long[] zeroes, int frames, int filled);

    /// Makes one.
    ///
    /// @param values how many values of 8 bytes a frame holds
    static Depth of(int values) {
        try {
            return (Depth)
                    MethodHandles.lookup()
                            .defineHiddenClass(classFile(values), true)
                            .lookupClass()
                            .getDeclaredConstructor()
                            .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the class was made here", e);
        }
    }

    /// The class that implements this.
    ///
    /// @param values see [#of(int)]
    static byte[] classFile(int values) {
        ClassDesc self = ClassDesc.of(Depth.class.getName() + "Frames");
        MethodTypeDesc go = MethodTypeDesc.of(CD_long, CD_long.arrayType(), CD_int, CD_int);
        return ClassFile.of()
                .build(
                        self,
                        builder ->
                                builder.withFlags(ClassFile.ACC_FINAL)
                                        .withInterfaceSymbols(ClassDesc.of(Depth.class.getName()))
                                        .withMethodBody(INIT_NAME, MTD_void, 0, Depth::constructor)
                                        .withMethodBody(
                                                "go",
                                                go,
                                                ClassFile.ACC_PUBLIC,
                                                code -> body(code, self, go, values)));
    }

    private static void constructor(CodeBuilder code) {
        code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_();
    }

    /// ```java
    /// if (frames == 0) return 0;
    /// if (frames != filled) return go(zeroes, frames - 1, filled);
    /// long a = zeroes[0], b = zeroes[1], …;
    /// return go(zeroes, frames - 1, filled) + a + b + …;
    /// ```
    private static void body(CodeBuilder code, ClassDesc self, MethodTypeDesc go, int values) {
        Label more = code.newLabel();
        Label fill = code.newLabel();
        code.iload(2).ifne(more).lconst_0().lreturn();
        code.labelBinding(more).iload(2).iload(3).if_icmpeq(fill);
        deeper(code, self, go).lreturn();
        code.labelBinding(fill);
        for (int i = 0; i < values; i++) {
            code.aload(1).loadConstant(i).laload().lstore(4 + 2 * i);
        }
        deeper(code, self, go);
        for (int i = 0; i < values; i++) {
            code.lload(4 + 2 * i).ladd();
        }
        code.lreturn();
    }

    private static CodeBuilder deeper(CodeBuilder code, ClassDesc self, MethodTypeDesc go) {
        return code.aload(0)
                .aload(1)
                .iload(2)
                .iconst_1()
                .isub()
                .iload(3)
                .invokevirtual(self, "go", go);
    }
}
