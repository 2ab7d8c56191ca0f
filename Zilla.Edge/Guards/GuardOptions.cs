namespace Zilla.Edge.Guards;

/// <summary>Configuration section <c>Zilla:Edge:Guards</c>.</summary>
public sealed class GuardOptions
{
    /// <summary>By how much the clocks of issuers may differ from ours, either way. Default 5 s; Zilla's is none.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>In which a JWKS URL must have answered, body included. Default 5 s.</summary>
    public TimeSpan JwksTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A longer key set is refused. Default 1 MiB.</summary>
    public int JwksMaxBytes { get; set; } = 1 << 20;

    /// <summary>Keys older than that are fetched anew when they are next used; meanwhile they stay good. Default 10 min.</summary>
    public TimeSpan JwksRefresh { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A URL is asked at most this often, whatever key ids clients send. Default 10 s.</summary>
    public TimeSpan JwksMinInterval { get; set; } = TimeSpan.FromSeconds(10);
}
