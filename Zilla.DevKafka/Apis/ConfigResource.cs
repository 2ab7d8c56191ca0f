namespace Zilla.DevKafka.Apis;

/// <summary>What a configuration request is about; types other than these are refused.</summary>
internal readonly record struct ConfigResource(sbyte Type, string Name)
{
    public const sbyte Topic = 2;
    public const sbyte Broker = 4;
}
