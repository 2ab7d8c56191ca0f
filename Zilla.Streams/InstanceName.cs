using Microsoft.Extensions.Configuration;

namespace Zilla.Streams;

/// <summary>What a process calls itself when it opens or accepts a lane.</summary>
public static class InstanceName
{
    private static readonly string Random = Guid.NewGuid().ToString("N")[..8];

    /// <summary>
    /// <c>Zilla:Instance</c>, which whoever starts several processes makes different for each; else a name that no other process has, such as
    /// <c>kafka-cache-myhost-1f0c77aa</c>: in containers the process id does not tell them apart.
    /// </summary>
    public static string Of(IConfiguration configuration, string service)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration["Zilla:Instance"] is { Length: > 0 } name ? name : $"{service}-{Environment.MachineName}-{Random}";
    }
}
