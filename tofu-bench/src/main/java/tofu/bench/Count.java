package tofu.bench;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads an argument that says how many: at least one.
final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
        if (!text.matches("[1-9]\\d{0,8}")) {
            throw new TypeConversionException("'" + text + "' is no number from 1 to 999999999");
        }
        return Integer.valueOf(text);
    }
}
