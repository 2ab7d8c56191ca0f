namespace Zilla.Edge.Cache;

/// <summary>Finds whom the records of a live feed go to: by record filters (<see cref="SubscriberIndex"/>), or however a protocol does it.</summary>
public interface IFeedIndex
{
    /// <summary>
    /// Called with every record, in order and once, on the feed's thread and under its lock: must not wait. Gives the number of queues that overflowed.
    /// </summary>
    int Dispatch(FeedRecord record);
}
