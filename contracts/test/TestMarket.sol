// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title An asset without limits and a price feed that says what it is told
contract TestMarket {
    uint256 public price = 2000e18;
    mapping(address => uint256) public balanceOf;

    function setPrice(uint256 price_) external {
        price = price_;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[to] += amount;
        return true;
    }

    function transferFrom(address from, address, uint256 amount) external returns (bool) {
        balanceOf[from] -= amount;
        return true;
    }
}
