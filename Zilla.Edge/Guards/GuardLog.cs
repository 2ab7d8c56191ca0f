using Microsoft.Extensions.Logging;
using Zilla.Config.Events;

namespace Zilla.Edge.Guards;

/// <summary>Never credentials, nor anything that they say.</summary>
internal static partial class GuardLog
{
    [LoggerMessage(1, LogLevel.Information, "Guard {Guard} refuses credentials: {Reason}", EventName = EventNames.JwtAuthorizationFailed)]
    public static partial void Refused(ILogger logger, string guard, Refusal reason);

    [LoggerMessage(4, LogLevel.Information, "Guard {Guard} refuses credentials: {Reason}", EventName = EventNames.X509AuthorizationFailed)]
    public static partial void CertificateRefused(ILogger logger, string guard, Refusal reason);

    [LoggerMessage(2, LogLevel.Information, "Got {Count} keys from {Url}")]
    public static partial void KeysFetched(ILogger logger, string url, int count);

    [LoggerMessage(3, LogLevel.Warning, "No keys from {Url}, {Held} from before stay in use: {Reason}")]
    public static partial void KeysNotFetched(ILogger logger, string url, int held, string reason);
}
