using Zilla.EdgeMqtt.Sessions.Owners;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>Who owns sessions, and the way there.</summary>
internal interface ISessionOwners
{
    /// <summary>The owner of a key, in a later epoch than <paramref name="newerThan"/>.</summary>
    /// <param name="space">Whose sessions.</param>
    /// <param name="key">A client id, or <c>$share/name/filter</c>.</param>
    /// <param name="newerThan">-1: any will do.</param>
    /// <param name="cancellationToken">There may never be one.</param>
    /// <exception cref="StreamBrokenException">There will be none as things stand, e.g. CAUSE_MISCONFIGURED.</exception>
    Task<SessionOwner> WaitAsync(SessionSpace space, string key, long newerThan, CancellationToken cancellationToken);

    /// <exception cref="StreamBrokenException">It cannot be reached now.</exception>
    FrameStream Open(SessionOwner owner, Begin begin);
}
