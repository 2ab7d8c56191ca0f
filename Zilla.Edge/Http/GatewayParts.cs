using Zilla.Edge.Guards;
using Zilla.Edge.Limits;

namespace Zilla.Edge.Http;

/// <summary>What compiled http servers work with; lives as long as the process, whatever plans come and go.</summary>
public class GatewayParts(GuardCompiler guards, RequestLimiters limiters, TimeProvider time)
{
    public GuardCompiler Guards => guards;
    public RequestLimiters Limiters => limiters;
    public TimeProvider Time => time;
}
