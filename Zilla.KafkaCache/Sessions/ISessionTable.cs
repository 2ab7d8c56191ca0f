namespace Zilla.KafkaCache.Sessions;

/// <summary>Where the sessions of a partition are kept while they are in memory.</summary>
internal interface ISessionTable
{
    /// <summary>Has the session woken then, also when it is not in memory any more; replaces what was asked before.</summary>
    /// <param name="clientId">Whose session.</param>
    /// <param name="due">Milliseconds since the Unix epoch; <see cref="long.MaxValue"/>: not at all.</param>
    void Schedule(string clientId, long due);

    /// <summary>The session is over, as an object.</summary>
    void Forget(Session session);
}
