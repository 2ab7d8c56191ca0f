namespace Zilla.Bootstrap;

/// <summary>Whether librdkafka can be built with zstd: the same rule as in <c>Pins.props</c>, since the marker's name depends on it.</summary>
internal static class Zstd
{
    public static bool Installed => File.Exists("/usr/include/zstd.h") || File.Exists("/usr/local/include/zstd.h");
}
