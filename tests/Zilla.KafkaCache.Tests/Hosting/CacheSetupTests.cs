using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Zilla.KafkaCache.Cache;

namespace Zilla.KafkaCache.Tests.Hosting;

public sealed class CacheSetupTests
{
    [Fact]
    public void AddKafkaCache_Settings_AreReadFromTheirSection()
    {
        var builder = WebApplication.CreateSlimBuilder(["--Cache:TopicIdle", "00:00:05", "--Cache:MemoryBudget", "1048576"]);
        builder.AddKafkaCache();
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(TimeSpan.FromSeconds(5), services.GetRequiredService<CacheOptions>().TopicIdle);
        Assert.Equal(new CacheOptions().ProduceTimeout, services.GetRequiredService<CacheOptions>().ProduceTimeout);
        Assert.Equal(1048576, services.GetRequiredService<MemoryBudget>().Limit);
    }

    [Fact]
    public void AddKafkaCache_NoEndpointConfigured_ListensForLanesOnLoopback()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.AddKafkaCache();

        Assert.Equal("http://127.0.0.1:0", builder.Configuration["Kestrel:Endpoints:Grpc:Url"]);
    }
}
