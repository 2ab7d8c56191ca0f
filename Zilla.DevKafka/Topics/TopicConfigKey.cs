using System.Globalization;

namespace Zilla.DevKafka.Topics;

/// <summary>The type of a setting as DescribeConfigs names it.</summary>
internal enum ConfigType : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>One topic setting: its default and what values it takes.</summary>
internal sealed record TopicConfigKey(string Name, string Default, ConfigType Type, Func<string, bool> IsValid)
{
    public static TopicConfigKey Long(string name, long standard, long minimum) => new(name, standard.ToString(CultureInfo.InvariantCulture), ConfigType.Long,
        value => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum);

    public static TopicConfigKey Int(string name, int standard, int minimum) => new(name, standard.ToString(CultureInfo.InvariantCulture), ConfigType.Int,
        value => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum);

    public static TopicConfigKey Fraction(string name, string standard) => new(name, standard, ConfigType.Double,
        value => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1);

    public static TopicConfigKey OneOf(string name, string standard, params string[] values) =>
        new(name, standard, values.Contains("true") ? ConfigType.Boolean : ConfigType.String, values.Contains);

    public static TopicConfigKey ListOf(string name, string standard, params string[] values) => new(name, standard, ConfigType.List,
        value => value.Split(',', StringSplitOptions.TrimEntries) is { Length: > 0 } items && items.All(values.Contains));

    public static TopicConfigKey Text(string name, string standard) => new(name, standard, ConfigType.String, _ => true);
}
